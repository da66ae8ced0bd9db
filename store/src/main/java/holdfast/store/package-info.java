/// The journal, and the many logs it carries.
package holdfast.store;

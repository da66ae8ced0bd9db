/// What a message costs, in counts that do not depend on how fast the machine is.
package holdfast.cost;

/// JMH, JCStress and load programs; not published.
package holdfast.bench;

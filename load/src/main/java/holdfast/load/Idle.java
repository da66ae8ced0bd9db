package holdfast.load;

import holdfast.amqp091.codec.Method;

/// A connection that only is there.
record Idle(Link link) implements Role {
  @Override
  public void opened() {
    link.becomesReady();
  }

  @Override
  public void method(Method method) {
    link.fail("an idle connection was sent " + method);
  }
}

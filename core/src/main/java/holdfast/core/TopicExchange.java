package holdfast.core;

/// Goes to what is bound with a pattern that the routing key matches: words between dots, `*` for
/// one word, `#` for any number of them.
final class TopicExchange extends Exchange {
  private final TopicTrie trie = new TopicTrie();

  TopicExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
  }

  @Override
  boolean asksForKey() {
    return true;
  }

  @Override
  void route(String key, Message message, Routes routes) {
    routes.took(
        trie.match(
            key,
            routes.stepsLeft(),
            binding -> binding.destination().collect(message, key, routes)));
  }

  @Override
  void bound(Binding binding) {
    trie.add(binding);
  }

  @Override
  void unbound(Binding binding) {
    trie.remove(binding);
  }
}

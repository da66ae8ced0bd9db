package holdfast.store;

import holdfast.store.JournalVerification.Lost;
import java.util.List;
import java.util.Locale;

/// The text that a [Salvage] leaves behind.
final class SalvageReport {
  private final JournalVerification verification;
  private final Salvage salvage;
  private final StringBuilder text = new StringBuilder();

  SalvageReport(JournalVerification verification, Salvage salvage) {
    this.verification = verification;
    this.salvage = salvage;
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  String text() {
    Survey survey = verification.survey();
    line("Salvaged from %s", survey.disk().description());
    line("");
    line(
        "Brought over: %d entries in %d logs, and %d definitions.",
        salvage.entries(), salvage.logs(), salvage.definitions());
    line("Given up:     %d entries that are known to be gone.", salvage.lostEntries());
    line("");
    line("- Every entry counts as redelivered: whether it was delivered before is not known.");
    line(
        "- Settlements that stood in a damaged place are gone: what they settled is here again, and");
    line("  may be delivered a second time.");
    line("- Sequences begin at 0 in every log, in the old order. Logs keep their ids.");
    if (survey.checkpoint() == null && !survey.checkpointFiles().isEmpty()) {
      line("- No checkpoint could be read. What only a checkpoint knew is gone: definitions,");
      line("  and what had been settled; deleted logs may be back.");
    }
    if (survey.isDamaged()) {
      line("- What else stood in the damaged places cannot be told: the last entries of a log,");
      line("  definitions, deletions of logs.");
    }
    line("");
    line("Damaged places:");
    List<Damage> damages = verification.damages();
    damages.forEach(damage ->
        line("  %s%s", damage, damage.harmless() ? " (nothing that is live needs it)" : ""));
    if (damages.isEmpty()) {
      line("  none");
    }
    line("");
    line("Entries given up, by their old sequences:");
    for (Lost lost : salvage.lost()) {
      line("  log %d: %d to %d", lost.log(), lost.first(), lost.last());
    }
    if (salvage.lost().isEmpty()) {
      line("  none");
    } else if (salvage.lost().size() == JournalVerification.RANGES_MAX) {
      line("  and more");
    }
    return text.toString();
  }
}

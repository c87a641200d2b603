using FullStack.Imap.Resync;

namespace FullStack.Imap.Commands;

/// <summary>What SELECT and EXAMINE may be asked besides the mailbox.</summary>
/// <param name="CondStore">The client wants to hear of mod-sequences (RFC 7162 §3.1.8).</param>
/// <param name="Resync">What it knew of the mailbox (RFC 7162 §3.2.5); null where it does not say.</param>
/// <param name="Annotate">The client wants to hear which annotations others change (RFC 5257 §4.2).</param>
internal readonly record struct OpeningParameters(bool CondStore, QResyncParameter? Resync, bool Annotate);

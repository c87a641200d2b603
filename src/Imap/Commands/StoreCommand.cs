using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>STORE: changes flags or annotations of messages.</summary>
/// <remarks>RFC 3501 §6.4.6; UNCHANGEDSINCE RFC 7162 §3.1.3; ANNOTATION RFC 5257 §4.5.</remarks>
internal sealed record StoreCommand(SequenceSet Numbers, IMessageStore Store) : IImapCommand<StoreCommand>
{
    public static ImapVerb Verb { get; } = new("STORE", ImapStates.Selected, ImapVerbFlags.NeedsWritable | ImapVerbFlags.UsesSequenceNumbers);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out StoreCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? set)
            && reader.TryReadSpace() && IMessageStore.TryRead(ref reader, out IMessageStore? store) && reader.TryReadEnd() ? new(set, store) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Mailbox.TryResolveNumbers(Numbers, out NumberRanges? numbers))
            return ImapCompletion.NoSuchNumber;
        UidSet uids = session.Mailbox.UidsOf(numbers);
        string? limit = MessageLimit.Cut(session, ref uids);
        if (limit is not null)
            numbers = NumberRanges.From(session.Mailbox.NumbersOf(uids).Select(static number => (uint)number));
        return MessageLimit.Told(session, await Store.RunAsync(session, uids, numbers, ct), limit);
    }
}

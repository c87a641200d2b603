using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>UID STORE: changes flags or annotations of messages named by UID.</summary>
/// <remarks>RFC 3501 §6.4.8; UNCHANGEDSINCE RFC 7162 §3.1.3; ANNOTATION RFC 5257 §4.5.</remarks>
internal sealed record UidStoreCommand(SequenceSet Uids, IMessageStore Store) : IImapCommand<UidStoreCommand>
{
    public static ImapVerb Verb { get; } = new("UID STORE", ImapStates.Selected, ImapVerbFlags.NeedsWritable | ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidStoreCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? set)
            && reader.TryReadSpace() && IMessageStore.TryRead(ref reader, out IMessageStore? store) && reader.TryReadEnd() ? new(set, store) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        UidSet uids = session.Mailbox.ResolveUids(Uids);
        string? limit = MessageLimit.Cut(session, ref uids);
        return MessageLimit.Told(session, await Store.RunAsync(session, uids, numbers: null, ct), limit);
    }
}

using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>UID FETCH: data of messages by their UIDs, with the UID in every response.</summary>
/// <remarks>RFC 3501 §6.4.8: "A non-existent unique identifier is ignored without any error message generated."</remarks>
internal sealed record UidFetchCommand(SequenceSet Uids, FetchRequest Request) : IImapCommand<UidFetchCommand>
{
    public static ImapVerb Verb { get; }
        = new("UID FETCH", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidFetchCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? uids) && reader.TryReadSpace()
            && reader.TryReadFetchRequest(out FetchRequest? request) && reader.TryReadEnd()
            ? new(uids, request.WithFirst(FetchItem.Uid))
            : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Request.Has(FetchAttribute.ModSeq))
            session.EnableCondStore();
        IEnumerable<int> numbers = session.Mailbox.NumbersOf(session.Mailbox.ResolveUids(Uids));
        FetchOutcome outcome = await new FetchResponder(session, Request).RunAsync(numbers, ct);
        return outcome.Error == StoreError.None
            ? ImapCompletion.Ok("UID FETCH completed")
            : ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE");
    }
}

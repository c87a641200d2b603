using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Imap.Resync;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>UID FETCH: data of messages by their UIDs, with the UID in every response.</summary>
/// <remarks>RFC 3501 §6.4.8: "A non-existent unique identifier is ignored without any error message generated." PARTIAL: RFC 9394 §3.3; VANISHED: RFC 7162 §3.2.6.</remarks>
internal sealed record UidFetchCommand(SequenceSet Uids, FetchRequest Request) : IImapCommand<UidFetchCommand>
{
    public static ImapVerb Verb { get; }
        = new("UID FETCH", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidFetchCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? uids) && reader.TryReadSpace()
            && reader.TryReadFetchRequest(out FetchRequest? request) && reader.TryReadEnd()
            ? new(uids, request)
            : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Request.Vanished && !session.IsQResyncEnabled)
            return ImapCompletion.Bad("ENABLE QRESYNC first"); // RFC 7162 §3.2.6: MUST
        if (Request.Has(FetchAttribute.ModSeq))
            session.EnableCondStore();
        if (Request.Vanished && await SendVanishedAsync(session, ct) is var error and not StoreError.None)
            return ImapCompletion.No(error);
        IEnumerable<int> numbers = session.Mailbox.NumbersOf(session.Mailbox.ResolveUids(Uids));
        if (Request.ChangedSince is not null || Request.Partial is not null)
            numbers = numbers.Where(number => IsAsked(session.View, number));
        if (Request.Partial is { } range)
            numbers = Within(range, [.. numbers]);
        string? limit = MessageLimit.Cut(session, ref numbers);
        FetchRequest request = session.IsUidOnly ? Request : Request.WithFirst(FetchItem.Uid); // There the response has it in front.
        FetchOutcome outcome = await new FetchResponder(session, request).RunAsync(numbers, ct);
        return MessageLimit.Told(session, outcome.Refusal ?? ImapCompletion.Ok("UID FETCH completed"), limit);
    }

    /// <summary>"Any VANISHED (EARLIER) responses MUST be returned before any FETCH responses" (RFC 7162 §3.2.6).</summary>
    private ValueTask<StoreError> SendVanishedAsync(ImapSession session, CancellationToken ct)
    {
        NumberRanges known = Uids.Resolve(Math.Max(session.View.UidNext.Value - 1, 1));
        return VanishedEarlier.SendAsync(session, known, Request.ChangedSince!.Value, above: 0, ct);
    }

    /// <summary>Whether the command would answer with the message if it had no window: the window is one on those.</summary>
    private bool IsAsked(MailboxView view, int number)
        => view.Entry(number) is { } entry && (Request.ChangedSince is not { } since || entry.ModSeq > since);

    private static List<int> Within(ResultRange range, List<int> numbers)
    {
        (int start, int length) = range.Within(numbers.Count);
        return numbers.GetRange(start, length);
    }
}

using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>FETCH: data of messages by their numbers.</summary>
/// <remarks>RFC 3501 §6.4.5; CHANGEDSINCE and MODSEQ RFC 7162 §3.1.4. Expunged messages: RFC 2180 §4.1.2.</remarks>
internal sealed record FetchCommand(SequenceSet Messages, FetchRequest Request) : IImapCommand<FetchCommand>
{
    public static ImapVerb Verb { get; } = new("FETCH", ImapStates.Selected, ImapVerbFlags.UsesSequenceNumbers);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out FetchCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? messages) && reader.TryReadSpace()
            && reader.TryReadFetchRequest(out FetchRequest? request) && request is { Partial: null, Vanished: false } && reader.TryReadEnd() ? new(messages, request) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Mailbox.TryResolveNumbers(Messages, out NumberRanges? numbers))
            return ImapCompletion.Bad("There is no message of that number");
        if (Request.Has(FetchAttribute.ModSeq))
            session.EnableCondStore();
        IEnumerable<int> each = Each(numbers);
        string? limit = MessageLimit.Cut(session, ref each);
        FetchOutcome outcome = await new FetchResponder(session, Request).RunAsync(each, ct);
        if (outcome.Refusal is { } refusal)
            return refusal;
        ImapCompletion completion = outcome.AnyGone
            ? ImapCompletion.No("Some messages were expunged by another session", "EXPUNGEISSUED")
            : ImapCompletion.Ok("FETCH completed");
        return MessageLimit.Told(session, completion, limit);
    }

    private static IEnumerable<int> Each(NumberRanges numbers)
    {
        foreach (NumberRange range in numbers)
        {
            for (uint number = range.First; number <= range.Last; number++)
                yield return (int)number;
        }
    }
}

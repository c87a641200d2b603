using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Conversions;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>CONVERT: parts of messages, by message numbers, as another media type or in another charset.</summary>
/// <remarks>RFC 5259 §6: "an EXPUNGE response MUST NOT be sent while responding to a CONVERT command".</remarks>
internal sealed record ConvertCommand(SequenceSet Messages, ConvertRequest Request) : IImapCommand<ConvertCommand>
{
    public static ImapVerb Verb { get; } = new("CONVERT", ImapStates.Selected, ImapVerbFlags.UsesSequenceNumbers);

    /// <summary>"CONVERT" SP sequence-set SP convert-params SP ( convert-att / "(" convert-att *(SP convert-att) ")" )</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ConvertCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? messages) && reader.TryReadSpace()
            && reader.TryReadConvertRequest(out ConvertRequest? request) && reader.TryReadEnd() ? new(messages, request) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Mailbox.TryResolveNumbers(Messages, out NumberRanges? numbers))
            return new(ImapCompletion.NoSuchNumber);
        List<int> first = [.. Each(numbers).Take(ConvertResponder.MaxMessages + 1)];
        return new ConvertResponder(session, Request, withUid: false).RunAsync(first, ct);
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

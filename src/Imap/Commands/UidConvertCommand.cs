using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Conversions;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UID CONVERT: the same by UIDs, with the UID in every response.</summary>
/// <remarks>RFC 5259 §6: "an EXPUNGE response MAY be sent during a UID CONVERT command".</remarks>
internal sealed record UidConvertCommand(SequenceSet Uids, ConvertRequest Request) : IImapCommand<UidConvertCommand>
{
    public static ImapVerb Verb { get; } = new("UID CONVERT", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidConvertCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? uids) && reader.TryReadSpace()
            && reader.TryReadConvertRequest(out ConvertRequest? request) && reader.TryReadEnd() ? new(uids, request) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        List<int> first = [.. session.Mailbox.NumbersOf(session.Mailbox.ResolveUids(Uids)).Take(ConvertResponder.MaxMessages + 1)];
        return new ConvertResponder(session, Request, withUid: true).RunAsync(first, ct);
    }
}

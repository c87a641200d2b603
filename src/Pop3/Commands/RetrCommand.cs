using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>RETR msg: the whole message.</summary>
/// <remarks>RFC 1939 §5. A message retrieved so becomes \Seen at QUIT.</remarks>
internal sealed record RetrCommand(int Message) : IPop3Command<RetrCommand>
{
    public static Pop3Verb Verb { get; } = new("RETR", Pop3States.Transaction, "RETR message");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out RetrCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMessageNumber(out int message) && reader.TryReadEnd() ? new(message) : null;
        return command is not null;
    }

    public async ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (!session.Maildrop.TryGet(Message, out MaildropEntry entry))
            return Pop3Reply.NoSuchMessage;
        (MessageBody? body, Pop3Reply? refusal) = await MessageBody.OpenAsync(session, entry, bodyLines: null, ct);
        if (body is null)
            return refusal!;
        session.Maildrop.MarkRetrieved(entry);
        session.CountRetrieved(entry);
        return Pop3Reply.Said($"{entry.SentOctets} octets", body);
    }
}

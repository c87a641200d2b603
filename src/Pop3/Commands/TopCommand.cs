using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>TOP msg n: the header, the blank line and the first n lines of the body.</summary>
/// <remarks>RFC 1939 §7. Looking at the top of a message does not make it \Seen.</remarks>
internal sealed record TopCommand(int Message, int BodyLines) : IPop3Command<TopCommand>
{
    public static Pop3Verb Verb { get; } = new("TOP", Pop3States.Transaction, "TOP message lines", Capability: "TOP");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out TopCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMessageNumber(out int message)
            && reader.TryReadSpace() && reader.TryReadCount(out int lines) && reader.TryReadEnd() ? new(message, lines) : null;
        return command is not null;
    }

    public async ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (!session.Maildrop.TryGet(Message, out MaildropEntry entry))
            return Pop3Reply.NoSuchMessage;
        (MessageBody? body, Pop3Reply? refusal) = await MessageBody.OpenAsync(session, entry, BodyLines, ct);
        return body is null ? refusal! : Pop3Reply.Ok("top follows", body);
    }
}

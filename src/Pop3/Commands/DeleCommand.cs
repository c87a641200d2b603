using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>DELE msg: marks a message; QUIT removes it.</summary>
/// <remarks>RFC 1939 §5.</remarks>
internal sealed record DeleCommand(int Message) : IPop3Command<DeleCommand>
{
    public static Pop3Verb Verb { get; } = new("DELE", Pop3States.Transaction, "DELE message");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out DeleCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMessageNumber(out int message) && reader.TryReadEnd() ? new(message) : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (!session.Maildrop.TryGet(Message, out MaildropEntry entry))
            return new(Pop3Reply.NoSuchMessage);
        session.Maildrop.MarkDeleted(entry);
        return new(Pop3Reply.Done);
    }
}

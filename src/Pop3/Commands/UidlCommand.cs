using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>UIDL [msg]: the unique-id of one message or of all.</summary>
/// <remarks>RFC 1939 §7.</remarks>
internal sealed record UidlCommand(int? Message) : IPop3Command<UidlCommand>
{
    public static Pop3Verb Verb { get; } = new("UIDL", Pop3States.Transaction, "UIDL [message]", Capability: "UIDL");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out UidlCommand? command)
    {
        command = reader.TryReadEnd() ? new((int?)null)
            : reader.TryReadSpace() && reader.TryReadMessageNumber(out int message) && reader.TryReadEnd() ? new(message) : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        Maildrop maildrop = session.Maildrop;
        if (Message is not { } number)
            return new(Pop3Reply.Ok("unique-ids follow", new LinesBody(maildrop.Entries.Select(entry => Line(maildrop, entry)))));
        return new(maildrop.TryGet(number, out MaildropEntry entry) ? Pop3Reply.Ok(Line(maildrop, entry)) : Pop3Reply.NoSuchMessage);
    }

    private static string Line(Maildrop maildrop, MaildropEntry entry) => $"{entry.Number} {maildrop.UidlOf(entry)}";
}

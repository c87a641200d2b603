using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>LIST [msg]: the size of one message or of all.</summary>
/// <remarks>RFC 1939 §5.</remarks>
internal sealed record ListCommand(int? Message) : IPop3Command<ListCommand>
{
    public static Pop3Verb Verb { get; } = new("LIST", Pop3States.Transaction, "LIST [message]");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out ListCommand? command)
    {
        command = reader.TryReadEnd() ? new((int?)null)
            : reader.TryReadSpace() && reader.TryReadMessageNumber(out int message) && reader.TryReadEnd() ? new(message) : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        Maildrop maildrop = session.Maildrop;
        if (Message is not { } number)
        {
            return new(Pop3Reply.Said(
                $"{maildrop.Count} messages ({maildrop.TotalOctets} octets)", new LinesBody(maildrop.Entries.Select(static entry => entry.Listing))));
        }

        return new(maildrop.TryGet(number, out MaildropEntry entry) ? Pop3Reply.Ok(entry.Listing) : Pop3Reply.NoSuchMessage);
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Net;

namespace FullStack.Imap.Commands;

/// <summary>ID: who the client says it is, and who we are.</summary>
/// <remarks>RFC 2971 §3.1. What the client says is logged and has no other effect.</remarks>
internal sealed record IdCommand(string Client) : IImapCommand<IdCommand>
{
    /// <summary>RFC 2971 §3.3: "A client MUST NOT send more than 30 field-value pairs"; names of 30 and values of 1024 octets at most.</summary>
    private const int MaxPairs = 30;
    private const int MaxNameOctets = 30;
    private const int MaxValueOctets = 1024;

    public static ImapVerb Verb { get; } = new("ID", ImapStates.Any);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out IdCommand? command)
    {
        StringBuilder client = new();
        command = reader.TryReadSpace() && (reader.TryReadWord("NIL"u8) || TryReadPairs(ref reader, client)) && reader.TryReadEnd()
            ? new(client.ToString()) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Client.Length > 0)
            ImapLog.ClientIs(session.Environment.Logger, session.Connection.Id, Loggable.From(Client));
        session.Writer.Write("* ID (\"name\" \"FullStack Mail\")\r\n"u8);
        return new(ImapCompletion.Ok("ID completed"));
    }

    /// <summary>id-params-list = "(" *(string SP nstring) ")"; clients put a space between the pairs, as the examples do.</summary>
    private static bool TryReadPairs(ref ImapReader reader, StringBuilder client)
    {
        if (!reader.TryReadOctet((byte)'('))
            return false;
        if (reader.TryReadOctet((byte)')'))
            return true;
        int pairs = 0;
        do
        {
            if (++pairs > MaxPairs
                || !reader.TryReadString(out ReadOnlySpan<byte> name) || name.Length > MaxNameOctets || !reader.TryReadSpace()
                || !reader.TryReadNString(out ReadOnlySpan<byte> value, out _) || value.Length > MaxValueOctets)
            {
                return false;
            }

            client.Append(client.Length > 0 ? ", " : "").Append(Encoding.Latin1.GetString(name)).Append('=').Append(Encoding.Latin1.GetString(value));
        }
        while (reader.TryReadSpace());
        return reader.TryReadOctet((byte)')');
    }
}

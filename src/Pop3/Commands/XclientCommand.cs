using System.Diagnostics.CodeAnalysis;
using System.Net;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>XCLIENT: a trusted proxy says whose session it passes on.</summary>
/// <remarks>
/// As Dovecot has it: <c>XCLIENT ADDR=192.0.2.7 PORT=40000 SESSION=… TTL=5</c>, announced by <c>[XCLIENT]</c> in the greeting. ADDR and PORT count, what is unknown
/// does not matter. Known to the networks of <see cref="Pop3Options.XclientNetworks"/> only, and once: what comes after it may be the client's own words.
/// RFC 2449 §3 for the syntax.
/// </remarks>
internal sealed record XclientCommand(IPAddress? Address, int Port) : IPop3Command<XclientCommand>
{
    public static Pop3Verb Verb { get; } = new("XCLIENT", Pop3States.Authorization, "XCLIENT [ADDR=address] [PORT=port] ...") { IsForProxies = true };

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out XclientCommand? command)
    {
        command = null;
        IPAddress? address = null;
        ushort port = 0;
        bool any = false;
        while (reader.TryReadSpace())
        {
            if (!reader.TryReadWord(out string? word) || word.IndexOf('=') is var sign && sign < 1)
                return false;
            string value = word[(sign + 1)..];
            bool isRight = word[..sign].ToUpperInvariant() switch
            {
                "ADDR" => TryReadAddress(value, out address),
                "PORT" => ushort.TryParse(value, out port) && value.All(char.IsAsciiDigit),
                _ => true,
            };
            if (!isRight)
                return false;
            any = true;
        }

        if (any && reader.TryReadEnd())
            command = new(address, port);
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        session.Declare(Address is null ? null : new(Address, Port));
        return new(Pop3Reply.Done);
    }

    /// <summary>An address in its usual spelling: <see cref="IPAddress.TryParse(string, out IPAddress)"/> takes <c>1</c> and zones too.</summary>
    private static bool TryReadAddress(string value, [NotNullWhen(true)] out IPAddress? address)
        => IPAddress.TryParse(value, out address) && (value.Contains(':') ? !value.Contains('%') && !value.Contains('[') : address.ToString() == value);
}

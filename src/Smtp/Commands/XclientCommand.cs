using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>XCLIENT: a trusted proxy says whose session it passes on, and the session begins anew as that client's.</summary>
/// <remarks>
/// Postfix's XCLIENT, in the form that its documentation has: attributes NAME, ADDR, PORT, PROTO, HELO, LOGIN, DESTADDR and DESTPORT, values in xtext
/// (RFC 3461 §4), <c>[UNAVAILABLE]</c> and <c>[TEMPUNAVAIL]</c>. Known to, and announced to, the networks of <see cref="SmtpOptions.XclientNetworks"/> only.
/// </remarks>
internal sealed record XclientCommand(DeclaredClient Client) : ISmtpCommand<XclientCommand>
{
    /// <summary>The attributes, as EHLO announces them.</summary>
    public const string Attributes = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

    private const string V6 = "IPV6:";

    public static SmtpVerb Verb { get; } = new("XCLIENT", SmtpStates.BeforeHello | SmtpStates.Ready, "XCLIENT name=value ...", SmtpVerbFlags.TrustedOnly)
    {
        IsOffered = static session => session.IsTrustedProxy,
    };

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out XclientCommand? command)
    {
        command = null;
        DeclaredClient client = new();
        bool any = false;
        while (reader.TryReadParameter(out SmtpParameter parameter))
        {
            if (!parameter.HasValue || !Xtext.TryDecode(parameter.Value, out string? value) || !TryNote(parameter, value, ref client))
                return reader.Refuse(SmtpReply.BadParameterValue);
            any = true;
        }

        if (!any || !reader.TryReadEnd())
            return false;
        command = new(client);
        return true;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct) => await session.DeclareAsync(Client, ct);

    private static bool TryNote(SmtpParameter parameter, string value, ref DeclaredClient client)
    {
        bool isUnknown = value is "[UNAVAILABLE]" or "[TEMPUNAVAIL]";
        if (parameter.Is("NAME"u8))
        {
            client = client with
            {
                HostName = isUnknown ? "" : value,
                NameState = !isUnknown ? ClientNameState.Confirmed : value == "[TEMPUNAVAIL]" ? ClientNameState.Failed : ClientNameState.None,
            };
            return isUnknown || AddressGrammar.IsDomain(value);
        }

        if (parameter.Is("HELO"u8))
        {
            client = client with { HelloName = isUnknown ? "" : value };
            return isUnknown || (value.Length is > 0 and <= AddressGrammar.MaxDomainOctets && value.AsSpan().IndexOfAny(" ()<>\"\\,;@") < 0);
        }

        if (parameter.Is("LOGIN"u8))
        {
            client = client with { Login = isUnknown ? "" : value };
            return isUnknown || value.Length is > 0 and <= AddressGrammar.MaxPathOctets;
        }

        if (parameter.Is("PROTO"u8))
        {
            client = client with { Extended = value.Equals("ESMTP", StringComparison.OrdinalIgnoreCase) };
            return client.Extended == true || value.Equals("SMTP", StringComparison.OrdinalIgnoreCase);
        }

        bool isOwn = parameter.Is("ADDR"u8);
        if (isOwn || parameter.Is("DESTADDR"u8))
        {
            bool known = TryReadAddress(value, out IPAddress? address);
            if (known && isOwn)
                client = client with { Address = address };
            return known || isUnknown;
        }

        return (parameter.Is("PORT"u8) || parameter.Is("DESTPORT"u8)) && (isUnknown || (ushort.TryParse(value, out _) && value.All(char.IsAsciiDigit)));
    }

    private static bool TryReadAddress(string value, [NotNullWhen(true)] out IPAddress? address)
    {
        bool isV6 = value.StartsWith(V6, StringComparison.OrdinalIgnoreCase);
        string text = isV6 ? value[V6.Length..] : value;
        return IPAddress.TryParse(text, out address) && (isV6 ? address.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('%') : address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text);
    }
}

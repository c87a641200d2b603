using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp.Client;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The routes of mail to other hosts.</summary>
internal sealed class RoutesSetting(string name, string summary) : GroupListSetting<RelayRoute>(name, [], summary)
{
    private const string Direct = "mx";

    private const string Tag = "ipv6:";

    private static readonly TimeSpan Missing = TimeSpan.MinValue;

    private static readonly ValueForm<string> Patterns = new(
        "a domain, .domain or \"*\"",
        static (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            return text is RelayRoute.Any or RelayRoute.NoSender || ValueForms.Domain.TryParse(text.StartsWith('.') ? text[1..] : text, out _);
        },
        YamlText.Scalar);

    private static readonly ValueForm<string> Hosts = new("a host or an address such as smtp.example.org or [2001:db8::1], with :port perhaps, or mx", TryParseHost, YamlText.Scalar);

    private static readonly ValueForm<string> Protocols = Words("smtp", "lmtp");

    private static readonly ValueForm<string> TlsWords = Words("opportunistic", "encrypted", "verified", "implicit", "never");

    private static readonly ValueForm<bool> Masquerades = ValueForms.OneOf(("true", true), ("false", false));

    private static readonly ValueForm<string> Users = ValueForms.Text(254);

    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["to", "from", "host", "protocol", "tls", "user", "password_file", "retry_first", "retry_most", "lifetime", "delay_warning", "masquerade"];

    protected override RelayRoute? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? to = ReadKey(group, "to", Patterns, problems, RelayRoute.Any);
        string? from = ReadKey(group, "from", Patterns, problems, RelayRoute.Any);
        string? host = ReadKey(group, "host", Hosts, problems);
        string? protocol = ReadKey(group, "protocol", Protocols, problems, "smtp");
        string? tls = ReadKey(group, "tls", TlsWords, problems, "opportunistic");
        string? user = ReadKey(group, "user", Users, problems, "");
        string? passwordFile = ReadKey(group, "password_file", ValueForms.FilePath, problems, "");
        bool masquerades = ReadKey(group, "masquerade", Masquerades, problems, true);
        if (to is null || from is null || host is null || protocol is null || tls is null || user is null || passwordFile is null)
            return null;
        if (user.Length > 0 != passwordFile.Length > 0)
        {
            problems.Add(new(YamlText.LineOf(group), $"{Name}: expected user and password_file together, found one of them"));
            return null;
        }

        RouteTerms terms = new()
        {
            RetryFirst = ReadTime(group, "retry_first", TimeSpan.FromSeconds(1), problems),
            RetryMost = ReadTime(group, "retry_most", TimeSpan.FromSeconds(1), problems),
            Lifetime = ReadTime(group, "lifetime", TimeSpan.Zero, problems),
            DelayWarning = ReadTime(group, "delay_warning", TimeSpan.Zero, problems),
        };
        return new(to, from, host == Direct ? null : HopOf(host, protocol, tls, user.Length == 0 ? null : new(user, passwordFile))) { Terms = terms, KeepsAddresses = !masquerades };
    }

    private TimeSpan? ReadTime(YamlMappingNode group, string key, TimeSpan least, List<ConfigurationProblem> problems)
        => ReadKey(group, key, ValueForms.Duration(least, QueueSettings.Year), problems, Missing) is var time && time == Missing ? null : time;

    protected override bool Clash(RelayRoute one, RelayRoute other) => one.To == other.To && one.From == other.From;

    protected override string Format(RelayRoute value)
    {
        string terms = Term("retry_first", value.Terms.RetryFirst) + Term("retry_most", value.Terms.RetryMost) + Term("lifetime", value.Terms.Lifetime)
            + Term("delay_warning", value.Terms.DelayWarning) + (value.KeepsAddresses ? ", masquerade: false" : "");
        if (value.Hop is not { } hop)
            return $"{{ to: {YamlText.Scalar(value.To)}, from: {YamlText.Scalar(value.From)}, host: {Direct}{terms} }}";
        string port = hop.Port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        string tls = hop.ImplicitTls ? "implicit" : hop.Tls.ToString().ToLowerInvariant();
        string login = hop.Credentials is { } credentials ? $", user: {YamlText.Scalar(credentials.UserName)}, password_file: {YamlText.Scalar(credentials.Password)}" : "";
        return $"{{ to: {YamlText.Scalar(value.To)}, from: {YamlText.Scalar(value.From)}, host: {YamlText.Scalar(hop.Name + port)}, "
            + $"protocol: {hop.Protocol.ToString().ToLowerInvariant()}, tls: {tls}{login}{terms} }}";

        static string Term(string key, TimeSpan? time) => time is { } value ? $", {key}: {ValueForms.Duration(TimeSpan.Zero, QueueSettings.Year).Format(value)}" : "";
    }

    /// <summary>Reads the passwords of routes. Until then each has the path of its file in its place.</summary>
    /// <param name="routes">The routes as the file has them.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="trouble">Takes what is wrong with a file.</param>
    public static IReadOnlyList<RelayRoute> WithPasswords(IReadOnlyList<RelayRoute> routes, Func<string, string> resolve, Action<string> trouble) =>
    [
        .. routes.Select(route => route.Hop is { Credentials: { } login } hop
            ? route with { Hop = hop with { Credentials = new NetworkCredential(login.UserName, ReadPassword(resolve(login.Password), trouble)) } }
            : route),
    ];

    private static string ReadPassword(string path, Action<string> trouble)
    {
        try
        {
            string password = File.ReadLines(path).FirstOrDefault() ?? "";
            if (password.Length == 0)
                trouble($"{path} has no password in its first line");
            return password;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble($"{path} cannot be read: {e.Message}");
            return "";
        }
    }

    private static NextHop HopOf(string text, string protocol, string tls, NetworkCredential? login)
    {
        (string host, int? port) = Split(text);
        return new(NameOf(host), IsHost: true)
        {
            Port = port,
            Protocol = protocol == "lmtp" ? RemoteProtocol.Lmtp : RemoteProtocol.Smtp,
            Tls = tls switch
            {
                "encrypted" => TlsNeed.Encrypted,
                "verified" or "implicit" => TlsNeed.Verified,
                "never" => TlsNeed.Never,
                _ => TlsNeed.Opportunistic,
            },
            ImplicitTls = tls == "implicit",
            Credentials = login,
        };
    }

    private static (string Host, int? Port) Split(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf(']') ? (text[..colon], int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture)) : (text, null);
    }

    /// <summary>An address as SMTP writes it (RFC 5321 §4.1.3), with or without brackets in the file; else the host's name.</summary>
    private static string NameOf(string host)
    {
        string inner = host is not ['[', .. var literal, ']'] ? host : literal.StartsWith(Tag, StringComparison.Ordinal) ? literal[Tag.Length..] : literal;
        if (!IPAddress.TryParse(inner, out IPAddress? address) || (host == inner && inner != address.ToString()))
            return host; // also "1", which would be an address to a parser that is kind
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";
    }

    private static bool TryParseHost(string text, out string value)
    {
        value = text.ToLowerInvariant();
        if (text.StartsWith('/'))
        {
            value = text;
            return ValueForms.FilePath.TryParse(text, out _);
        }

        string host = value;
        int colon = text.LastIndexOf(':');
        if (colon > text.LastIndexOf(']'))
        {
            if (!Quantity.TryParseNumber(text.AsSpan(colon + 1), out long port) || port is 0 or > 65535)
                return false;
            host = value[..colon];
        }

        return host is ['[', .. var literal, ']']
            ? IPAddress.TryParse(literal.StartsWith(Tag, StringComparison.Ordinal) ? literal[Tag.Length..] : literal, out _)
            : ValueForms.HostName.TryParse(host, out _);
    }

    private static ValueForm<string> Words(params string[] words) => new(
        $"one of {string.Join(", ", words)}",
        (string text, out string value) =>
        {
            value = text;
            return words.Contains(text);
        },
        YamlText.Scalar);
}

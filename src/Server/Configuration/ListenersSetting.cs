using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The listeners.</summary>
internal sealed class ListenersSetting(string name, string summary)
    : GroupListSetting<ListenerConfiguration>(name, ListenerConfiguration.StandardPorts, summary)
{
    private static readonly ValueForm<ListenerProtocol?> Protocols = Optional(ValueForms.OneOf(
        ("smtp", ListenerProtocol.Smtp), ("submission", ListenerProtocol.Submission), ("lmtp", ListenerProtocol.Lmtp), ("odmr", ListenerProtocol.Odmr), ("pop3", ListenerProtocol.Pop3), ("imap", ListenerProtocol.Imap)));

    private static readonly ValueForm<ListenerTls?> TlsModes
        = Optional(ValueForms.OneOf(("start", ListenerTls.Start), ("implicit", ListenerTls.Implicit)));

    private static readonly ValueForm<bool?> YesOrNo = Optional(ValueForms.OneOf(("true", true), ("false", false)));

    private static readonly ValueForm<UnixFileMode?> Modes = Optional(new ValueForm<UnixFileMode>(
        "a mode such as \"0660\"",
        static (string text, out UnixFileMode mode) =>
        {
            mode = default;
            if (text.Length is not (3 or 4) || text.Any(static c => c is < '0' or > '7') || (text.Length == 4 && text[0] != '0'))
                return false;
            mode = (UnixFileMode)Convert.ToInt32(text, 8);
            return true;
        },
        static mode => $"\"0{Convert.ToString((int)mode, 8)}\""));

    internal static readonly ValueForm<ListenAddress> Addresses = new(
        "an address and a port such as 127.0.0.1:2525, [::]:25 or *:25, a Unix socket such as unix:/run/fullstack/lmtp, or systemd:NAME",
        static (string text, out ListenAddress value) =>
        {
            bool ok = ListenAddress.TryParse(text, out ListenAddress? address);
            value = address!;
            return ok;
        },
        static value => $"\"{value}\"");

    protected override IReadOnlyList<string> Keys { get; } = ["protocol", "address", "tls", "proxy", "mode", "client_certificates", "mechanisms"];

    protected override ListenerConfiguration? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        ListenerProtocol? protocol = ReadKey(group, "protocol", Protocols, problems);
        ListenAddress? address = ReadKey(group, "address", Addresses, problems);
        ListenerTls? tls = ReadKey(group, "tls", TlsModes, problems, ListenerTls.Start);
        bool? proxy = ReadKey(group, "proxy", YesOrNo, problems, false);
        UnixFileMode? mode = ReadKey(group, "mode", Modes, problems, ListenerConfiguration.DefaultMode);
        bool? certificates = ReadKey(group, "client_certificates", YesOrNo, problems, false);
        bool isRight = TryReadList(group, "mechanisms", ValueForms.Mechanism, problems, out IReadOnlyList<string>? mechanisms);
        return protocol is null || address is null || tls is null || proxy is null || mode is null || certificates is null || !isRight
            ? null
            : new(protocol.Value, address, tls.Value)
            {
                Proxy = proxy.Value,
                Mode = mode.Value,
                ClientCertificates = certificates.Value,
                Mechanisms = mechanisms,
            };
    }

    protected override bool Clash(ListenerConfiguration one, ListenerConfiguration other) => one.Address == other.Address && (one.Address.Port != 0 || one.Address.Path is not null || one.Address.SocketName is not null);

    /// <summary>A listener as an entry of the list in a file.</summary>
    public static string Line(ListenerConfiguration listener) => $"  - {Group(listener)}";

    protected override string Format(ListenerConfiguration value) => Group(value);

    private static string Group(ListenerConfiguration value)
    {
        string protocol = Protocols.Format(value.Protocol);
        string tls = value.Tls == ListenerTls.Start ? "" : $", tls: {TlsModes.Format(value.Tls)}";
        string proxy = value.Proxy ? ", proxy: true" : "";
        string mode = value.Mode == ListenerConfiguration.DefaultMode ? "" : $", mode: {Modes.Format(value.Mode)}";
        string certificates = value.ClientCertificates ? ", client_certificates: true" : "";
        string mechanisms = value.Mechanisms is null ? "" : $", mechanisms: [{string.Join(", ", value.Mechanisms)}]";
        return $"{{ protocol: {protocol}, address: {Addresses.Format(value.Address)}{tls}{proxy}{mode}{certificates}{mechanisms} }}";
    }

    private static ValueForm<T?> Optional<T>(ValueForm<T> form)
        where T : struct
        => new(
            form.Expected,
            (string text, out T? value) =>
            {
                bool ok = form.TryParse(text, out T plain);
                value = ok ? plain : null;
                return ok;
            },
            value => form.Format(value!.Value));
}

using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The listeners.</summary>
internal sealed class ListenersSetting(string name, string summary)
    : GroupListSetting<ListenerConfiguration>(name, ListenerConfiguration.StandardPorts, summary)
{
    private static readonly ValueForm<ListenerProtocol?> Protocols = Optional(ValueForms.OneOf(
        ("smtp", ListenerProtocol.Smtp), ("submission", ListenerProtocol.Submission), ("lmtp", ListenerProtocol.Lmtp), ("pop3", ListenerProtocol.Pop3), ("imap", ListenerProtocol.Imap)));

    private static readonly ValueForm<ListenerTls?> TlsModes
        = Optional(ValueForms.OneOf(("start", ListenerTls.Start), ("implicit", ListenerTls.Implicit)));

    internal static readonly ValueForm<ListenAddress> Addresses = new(
        "an address and a port such as 127.0.0.1:2525, [::]:25 or *:25",
        static (string text, out ListenAddress value) =>
        {
            bool ok = ListenAddress.TryParse(text, out ListenAddress? address);
            value = address!;
            return ok;
        },
        static value => $"\"{value}\"");

    protected override IReadOnlyList<string> Keys { get; } = ["protocol", "address", "tls"];

    protected override ListenerConfiguration? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        ListenerProtocol? protocol = ReadKey(group, "protocol", Protocols, problems);
        ListenAddress? address = ReadKey(group, "address", Addresses, problems);
        ListenerTls? tls = ReadKey(group, "tls", TlsModes, problems, ListenerTls.Start);
        return protocol is null || address is null || tls is null ? null : new(protocol.Value, address, tls.Value);
    }

    protected override bool Clash(ListenerConfiguration one, ListenerConfiguration other) => one.Address == other.Address && one.Address.Port != 0;

    /// <summary>A listener as an entry of the list in a file.</summary>
    public static string Line(ListenerConfiguration listener) => $"  - {Group(listener)}";

    protected override string Format(ListenerConfiguration value) => Group(value);

    private static string Group(ListenerConfiguration value)
    {
        string protocol = Protocols.Format(value.Protocol);
        string tls = value.Tls == ListenerTls.Start ? "" : $", tls: {TlsModes.Format(value.Tls)}";
        return $"{{ protocol: {protocol}, address: {Addresses.Format(value.Address)}{tls} }}";
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

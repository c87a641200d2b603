using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The listeners for HTTP and HTTPS.</summary>
internal sealed class WebListenersSetting(string name, string summary) : GroupListSetting<WebListener>(name, [], summary)
{
    private static readonly ValueForm<bool?> TlsModes = new(
        "one of on, off",
        static (string text, out bool? value) =>
        {
            value = text switch { "on" => true, "off" => false, _ => null };
            return value is not null;
        },
        static value => value == true ? "on" : "off");

    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["address", "tls"];

    protected override WebListener? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        ListenAddress? address = ReadKey(group, "address", ListenersSetting.Addresses, problems);
        bool? tls = ReadKey(group, "tls", TlsModes, problems, false);
        return address is null || tls is null ? null : new(address, tls.Value);
    }

    protected override bool Clash(WebListener one, WebListener other) => one.Address == other.Address && one.Address.Port != 0;

    /// <summary>A listener as an entry of the list in a file.</summary>
    public static string Line(WebListener listener) => $"    - {Group(listener)}";

    protected override string Format(WebListener value) => Group(value);

    private static string Group(WebListener value) => $"{{ address: {ListenersSetting.Addresses.Format(value.Address)}{(value.Tls ? ", tls: on" : "")} }}";
}

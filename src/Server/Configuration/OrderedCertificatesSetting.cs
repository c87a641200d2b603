using System.Net;
using FullStack.Server.Acme;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The certificates that an authority is asked for.</summary>
internal sealed class OrderedCertificatesSetting(string name, string summary) : GroupListSetting<OrderedCertificate>(name, [], summary)
{
    /// <summary>A host name or an address. A wildcard is proved by DNS only, which this server does not write to.</summary>
    private static readonly ValueForm<string> Names = new(
        "a host name such as mail.example.test (none with a star) or an IP address",
        static (string text, out string value) => IPAddress.TryParse(text, out _)
            ? ValueForms.IpAddress.TryParse(text, out value)
            : ValueForms.HostName.TryParse(text, out value) && value.All(char.IsAscii),
        YamlText.Scalar);

    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["names"];

    protected override OrderedCertificate? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        if (!TryReadList(group, "names", Names, problems, out IReadOnlyList<string>? names))
            return null;
        if (names is { Count: > 0 and <= 100 })
            return new([.. names.Distinct()]);
        problems.Add(new(YamlText.LineOf(group), $"{Name}.names: expected one name to a hundred, found {names?.Count ?? 0}"));
        return null;
    }

    protected override bool Clash(OrderedCertificate one, OrderedCertificate other) => one.Names[0] == other.Names[0];

    protected override string Format(OrderedCertificate value) => $"{{ names: [{string.Join(", ", value.Names.Select(YamlText.Scalar))}] }}";
}

using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The certificates besides the default one.</summary>
internal sealed class CertificatesSetting(string name, string summary) : GroupListSetting<CertificateFiles>(name, [], summary)
{
    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["certificate", "key"];

    protected override CertificateFiles? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? certificate = ReadKey(group, "certificate", ValueForms.FilePath, problems);
        string? key = ReadKey(group, "key", ValueForms.FilePath, problems);
        return certificate is null || key is null ? null : new(certificate, key);
    }

    protected override bool Clash(CertificateFiles one, CertificateFiles other) => one.Certificate == other.Certificate;

    protected override string Format(CertificateFiles value)
        => $"{{ certificate: {YamlText.Scalar(value.Certificate)}, key: {YamlText.Scalar(value.Key)} }}";
}

using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>Somebody who may do something for a domain.</summary>
/// <param name="Who">An account or a network.</param>
/// <param name="Domain">The domain, lower case.</param>
internal sealed record DomainGrant(string Who, string Domain);

/// <summary>A setting that says who may do something for which domains.</summary>
/// <param name="name">The setting's name.</param>
/// <param name="whoKey">The key of who may.</param>
/// <param name="who">How that is written.</param>
/// <param name="summary">What it is for.</param>
internal sealed class DomainGrantsSetting(string name, string whoKey, ValueForm<string> who, string summary) : GroupListSetting<DomainGrant>(name, [], summary)
{
    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = [whoKey, "domain"];

    protected override DomainGrant? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? grantee = ReadKey(group, whoKey, who, problems);
        string? domain = ReadKey(group, "domain", ValueForms.Domain, problems);
        return grantee is null || domain is null ? null : new(grantee.ToLowerInvariant(), domain.ToLowerInvariant());
    }

    protected override bool Clash(DomainGrant one, DomainGrant other) => one == other;

    protected override string Format(DomainGrant value) => $"{{ {whoKey}: {YamlText.Scalar(value.Who)}, domain: {YamlText.Scalar(value.Domain)} }}";
}

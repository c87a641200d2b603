using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>A client's certificate and the account that it stands for.</summary>
/// <param name="Fingerprint">Its SHA-256 in hexadecimal without colons, upper case.</param>
/// <param name="Account">The account.</param>
public sealed record CertificateAccount(string Fingerprint, string Account);

/// <summary>The certificates of clients that stand for an account, whoever made them.</summary>
internal sealed class CertificateAccountsSetting(string name, string summary) : GroupListSetting<CertificateAccount>(name, [], summary)
{
    private const int Digits = 64;

    private static readonly ValueForm<string> s_fingerprint = new(
        "the SHA-256 of a certificate in hexadecimal, as `openssl x509 -fingerprint -sha256` prints it",
        static (string text, out string value) =>
        {
            value = text.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
            return value.Length == Digits && value.All(char.IsAsciiHexDigit);
        },
        YamlText.Scalar);

    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["fingerprint", "account"];

    protected override CertificateAccount? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? fingerprint = ReadKey(group, "fingerprint", s_fingerprint, problems);
        string? account = ReadKey(group, "account", ValueForms.Address, problems);
        return fingerprint is null || account is null ? null : new(fingerprint, account);
    }

    protected override bool Clash(CertificateAccount one, CertificateAccount other) => one.Fingerprint == other.Fingerprint;

    protected override string Format(CertificateAccount value)
        => $"{{ fingerprint: \"{value.Fingerprint}\", account: {YamlText.Scalar(value.Account)} }}";
}

using FullStack.Auth.Tokens;

namespace FullStack.Auth;

/// <summary>How clients show who they are without a password.</summary>
internal sealed class OtherProofs(AuthOptions options, TimeProvider time)
{
    public TokenCheck Tokens { get; } = new(options.Tokens, time);

    public CertificateNames Certificates { get; } = new(options.CertificateAccounts);
}

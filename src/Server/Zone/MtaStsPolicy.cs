using System.Security.Cryptography;
using System.Text;

namespace FullStack.Server.Zone;

/// <summary>What other hosts are told of how mail for a domain has to come: by TLS, to this host.</summary>
/// <remarks>RFC 8461 §3.2. In testing mode, which breaks nothing: an administrator who has read reports for some time publishes one of his own.</remarks>
internal static class MtaStsPolicy
{
    public const string Path = "/.well-known/mta-sts.txt";

    /// <summary>The host that a domain's policy is fetched from begins with this.</summary>
    public const string HostPrefix = "mta-sts.";

    public static string Text(string hostName) => $"version: STSv1\r\nmode: testing\r\nmx: {hostName}\r\nmax_age: 604800\r\n";

    /// <summary>What changes when the policy does (RFC 8461 §3.1: 1 to 32 letters and digits).</summary>
    public static string Id(string hostName) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(hostName))).AsSpan(0, 8));
}

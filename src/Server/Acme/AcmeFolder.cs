using System.Security.Cryptography;
using System.Text;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;

namespace FullStack.Server.Acme;

/// <summary>Where what belongs to ACME is kept: accounts, certificates with their keys, and when each is tried next.</summary>
/// <remarks>A certificate, its chain and its key are one file, so that one rename replaces them all.</remarks>
internal sealed class AcmeFolder(string folder)
{
    /// <summary>The folder in that for certificates.</summary>
    public static AcmeFolder In(ServerConfiguration configuration) => new(Path.Combine(configuration.TlsFolder, "acme"));

    /// <summary>The certificate that is ordered, once there is one.</summary>
    public CertificateFiles FilesOf(OrderedCertificate certificate)
    {
        string file = Path.Combine(folder, NameOf(certificate) + ".pem");
        return new(file, file);
    }

    public string StateOf(OrderedCertificate certificate) => Path.Combine(folder, NameOf(certificate) + ".state.json");

    /// <summary>An account with an authority; each authority has its own.</summary>
    public string AccountOf(string directory)
        => Path.Combine(folder, $"account-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)).AsSpan(0, 8))}.json");

    /// <summary>Writes a file that its owner alone may read, whole or not at all; on return it is on the disk.</summary>
    public void Write(string file, string text)
    {
        PrivateFolder.Make(folder);
        PrivateFolder.WriteFile(file, text);
    }

    // Colons of IPv6 addresses are no good in names of files that scripts handle.
    private static string NameOf(OrderedCertificate certificate) => certificate.Names[0].Replace(':', '_');
}

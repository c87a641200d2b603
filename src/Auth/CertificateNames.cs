using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Auth.Sasl;

namespace FullStack.Auth;

/// <summary>Which accounts a client's certificate stands for.</summary>
/// <param name="fingerprints">Accounts by the SHA-256 of a certificate, in hexadecimal without colons, upper case: whoever made it.</param>
internal sealed class CertificateNames(IReadOnlyDictionary<string, string> fingerprints)
{
    /// <summary>Most addresses of one certificate that are looked at.</summary>
    private const int MaxNames = 16;

    private const string AlternativeNames = "2.5.29.17"; // RFC 5280 §4.2.1.6
    private static readonly Asn1Tag s_mailAddress = new(TagClass.ContextSpecific, 1); // rfc822Name [1] IA5String

    /// <summary>The account of its fingerprint, or the mail addresses in it where a trusted authority has put them there.</summary>
    public IReadOnlyList<string> Find(ShownCertificate? shown)
    {
        if (shown is null)
            return [];
        if (fingerprints.Count > 0 && fingerprints.TryGetValue(shown.Certificate.GetCertHashString(HashAlgorithmName.SHA256), out string? account))
            return [account];
        return shown.IsTrusted && shown.Certificate.Extensions[AlternativeNames] is { } extension ? ReadAddresses(extension.RawData) : [];
    }

    private static List<string> ReadAddresses(byte[] extension)
    {
        List<string> addresses = [];
        try
        {
            AsnReader names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData && addresses.Count < MaxNames)
            {
                if (names.PeekTag().HasSameClassAndValue(s_mailAddress))
                    addresses.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, s_mailAddress));
                else
                    names.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            return []; // an authority that is trusted does not make such, but a damaged one must not end the session
        }

        return addresses;
    }
}

using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Server.ClientSetup;

/// <summary>Signs octets with a certificate's key, so that whoever has the result has both: CMS SignedData with SHA-256.</summary>
/// <remarks>RFC 5652 §5: one signer, the content inside, the certificates that a verifier needs beside it.</remarks>
internal static class SignedContent
{
    private const string Data = "1.2.840.113549.1.7.1", SignedData = "1.2.840.113549.1.7.2";
    private const string ContentType = "1.2.840.113549.1.9.3", MessageDigest = "1.2.840.113549.1.9.4", SigningTime = "1.2.840.113549.1.9.5";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1", Sha256WithRsa = "1.2.840.113549.1.1.11", Sha256WithEcdsa = "1.2.840.10045.4.3.2";

    private static readonly Asn1Tag s_first = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <exception cref="CryptographicException">The key is neither RSA nor of an elliptic curve, or is not there.</exception>
    public static byte[] Sign(byte[] content, SslStreamCertificateContext certificate, DateTimeOffset now)
    {
        X509Certificate2 own = certificate.TargetCertificate;
        byte[] attributes = Attributes(content, now);
        (string algorithm, byte[] signature) = Sign(own, attributes);

        AsnWriter cms = new(AsnEncodingRules.DER);
        using (cms.PushSequence())
        {
            cms.WriteObjectIdentifier(SignedData);
            using (cms.PushSequence(s_first))
            using (cms.PushSequence())
            {
                cms.WriteInteger(1);
                using (cms.PushSetOf())
                    WriteAlgorithm(cms, Sha256, hasNull: false);
                using (cms.PushSequence())
                {
                    cms.WriteObjectIdentifier(Data);
                    using (cms.PushSequence(s_first))
                        cms.WriteOctetString(content);
                }

                using (cms.PushSetOf(s_first))
                {
                    cms.WriteEncodedValue(own.RawData);
                    foreach (X509Certificate2 intermediate in certificate.IntermediateCertificates)
                        cms.WriteEncodedValue(intermediate.RawData);
                }

                using (cms.PushSetOf())
                    WriteSigner(cms, own, attributes, algorithm, signature);
            }
        }

        return cms.Encode();
    }

    /// <summary>What is signed: the digest of the content and what is said of it, as a SET OF.</summary>
    private static byte[] Attributes(byte[] content, DateTimeOffset now)
    {
        AsnWriter attributes = new(AsnEncodingRules.DER);
        using (attributes.PushSetOf())
        {
            Write(ContentType, static (writer, _) => writer.WriteObjectIdentifier(Data));
            Write(SigningTime, (writer, _) => writer.WriteUtcTime(now.ToUniversalTime()));
            Write(MessageDigest, static (writer, octets) => writer.WriteOctetString(SHA256.HashData(octets)));
        }

        return attributes.Encode();

        void Write(string type, Action<AsnWriter, byte[]> value)
        {
            using (attributes.PushSequence())
            {
                attributes.WriteObjectIdentifier(type);
                using (attributes.PushSetOf())
                    value(attributes, content);
            }
        }
    }

    private static (string Algorithm, byte[] Signature) Sign(X509Certificate2 certificate, byte[] attributes)
    {
        using RSA? rsa = certificate.GetRSAPrivateKey();
        if (rsa is not null)
            return (Sha256WithRsa, rsa.SignData(attributes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        using ECDsa? ecdsa = certificate.GetECDsaPrivateKey();
        return ecdsa is null
            ? throw new CryptographicException("the certificate's key cannot sign")
            : (Sha256WithEcdsa, ecdsa.SignData(attributes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static void WriteSigner(AsnWriter cms, X509Certificate2 own, byte[] attributes, string algorithm, byte[] signature)
    {
        using (cms.PushSequence())
        {
            cms.WriteInteger(1);
            using (cms.PushSequence())
            {
                cms.WriteEncodedValue(own.IssuerName.RawData);
                cms.WriteInteger(own.SerialNumberBytes.Span);
            }

            WriteAlgorithm(cms, Sha256, hasNull: false);
            // In here the set has another tag than the one it was signed with (RFC 5652 §5.4).
            AsnReader signed = new AsnReader(attributes, AsnEncodingRules.DER).ReadSetOf();
            using (cms.PushSetOf(s_first))
            {
                while (signed.HasData)
                    cms.WriteEncodedValue(signed.ReadEncodedValue().Span);
            }

            WriteAlgorithm(cms, algorithm, hasNull: algorithm == Sha256WithRsa);
            cms.WriteOctetString(signature);
        }
    }

    private static void WriteAlgorithm(AsnWriter cms, string algorithm, bool hasNull)
    {
        using (cms.PushSequence())
        {
            cms.WriteObjectIdentifier(algorithm);
            if (hasNull)
                cms.WriteNull();
        }
    }
}

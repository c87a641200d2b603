using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Smtp.Client;

/// <summary>Judges the certificate that a host shows, by what the connection must have.</summary>
/// <remarks>RFC 6125 §6 for names, RFC 5280 §6 for chains, RFC 6698 and RFC 7672 §3 for those that DNS names.</remarks>
internal sealed class CertificateCheck(RemoteHost host, TlsNeed need, ClientEnvironment environment)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const byte TrustAnchor = 2;
    private const byte EndEntity = 3;

    /// <summary>Why a certificate did not do; null where none was refused.</summary>
    public TlsFinding? Doubt { get; private set; }

    /// <summary>Why a certificate would not have done under a policy that is only tried out; null where there is no such policy, or it would have.</summary>
    public TlsFinding? RehearsedDoubt { get; private set; }

    /// <summary>Says whether a certificate will do.</summary>
    /// <param name="shown">The host's own.</param>
    /// <param name="sent">What it sent besides.</param>
    public bool Trusts(X509Certificate2 shown, X509Certificate2Collection sent)
    {
        Doubt = need switch
        {
            TlsNeed.Verified => DoubtAboutName(shown) ?? DoubtAboutChain(shown, sent, environment.Roots),
            // RFC 7672 §2.2.3: records that cannot be used leave encryption needed, whoever the host is.
            TlsNeed.Dane when host.Pins.Any(IsUsable) => MatchesPins(shown, sent) ? null : new(TlsResult.CertificateNotTrusted, "its certificate is none of those that DNS names"),
            _ => null,
        };
        if (Doubt is null && host.Policy is { IsRehearsal: true } && need != TlsNeed.Verified)
            RehearsedDoubt = DoubtAboutName(shown) ?? DoubtAboutChain(shown, sent, environment.Roots);
        return Doubt is null;
    }

    /// <summary>RFC 7672 §3.1.3: usages 0 and 1 mean nothing between mail hosts.</summary>
    private static bool IsUsable(TlsaPin pin) => pin is { Usage: TrustAnchor or EndEntity, Selector: 0 or 1, MatchingType: 0 or 1 or 2 };

    private TlsFinding? DoubtAboutName(X509Certificate2 shown)
    {
        if (shown.MatchesHostname(host.Name))
            return null;
        foreach (string name in host.OtherNames)
        {
            if (shown.MatchesHostname(name))
                return null;
        }

        return new(TlsResult.CertificateHostMismatch, "its certificate is for another name");
    }

    private static TlsFinding? DoubtAboutChain(X509Certificate2 shown, X509Certificate2Collection sent, X509Certificate2Collection? roots)
    {
        using X509Chain chain = NewChain(sent);
        if (roots is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        }

        try
        {
            if (chain.Build(shown))
                return null;
            // That it is too old says all where it is all that is wrong.
            bool isExpired = chain.ChainStatus.All(static status => status.Status == X509ChainStatusFlags.NotTimeValid);
            return new(isExpired ? TlsResult.CertificateExpired : TlsResult.CertificateNotTrusted,
                $"its certificate does not hold ({string.Join(", ", chain.ChainStatus.Select(static status => status.Status))})");
        }
        finally
        {
            Release(chain);
        }
    }

    private bool MatchesPins(X509Certificate2 shown, X509Certificate2Collection sent)
    {
        foreach (TlsaPin pin in host.Pins)
        {
            // RFC 7672 §3.1.1: of a host's own certificate neither name nor dates are looked at; DNS has said all.
            if (pin.Usage == EndEntity && IsUsable(pin) && Matches(pin, shown))
                return true;
            if (pin.Usage == TrustAnchor && IsUsable(pin) && DoubtAboutName(shown) is null && AnchorFor(pin, shown, sent) is { } anchor && IsIssuedBelow(shown, sent, anchor))
                return true;
        }

        return false;
    }

    /// <summary>RFC 7672 §3.1.2: the anchor is one of the certificates that the host sent, or wholly in the record.</summary>
    private static X509Certificate2? AnchorFor(TlsaPin pin, X509Certificate2 shown, X509Certificate2Collection sent)
    {
        if (Matches(pin, shown))
            return shown;
        foreach (X509Certificate2 certificate in sent)
        {
            if (Matches(pin, certificate))
                return certificate;
        }

        if (pin is not { Selector: 0, MatchingType: 0 })
            return null;
        try
        {
            return X509CertificateLoader.LoadCertificate(pin.Data.Span);
        }
        catch (CryptographicException)
        {
            return null; // whoever runs that zone wrote something else into it
        }
    }

    /// <summary>Whether the chain is sound up to the anchor. What is above the anchor, and whether anybody believes it, does not matter.</summary>
    private static bool IsIssuedBelow(X509Certificate2 shown, X509Certificate2Collection sent, X509Certificate2 anchor)
    {
        using X509Chain chain = NewChain(sent);
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.Add(anchor);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        try
        {
            if (!chain.Build(shown))
                return false;
            foreach (X509ChainElement element in chain.ChainElements)
            {
                if (element.Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span))
                    return true;
            }

            return false;
        }
        finally
        {
            Release(chain);
        }
    }

    private static bool Matches(TlsaPin pin, X509Certificate2 certificate)
    {
        ReadOnlyMemory<byte> selected = pin.Selector == 0 ? certificate.RawDataMemory : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        ReadOnlySpan<byte> data = pin.Data.Span;
        return pin.MatchingType switch
        {
            0 => data.SequenceEqual(selected.Span),
            1 => data.SequenceEqual(SHA256.HashData(selected.Span)),
            2 => data.SequenceEqual(SHA512.HashData(selected.Span)),
            _ => false,
        };
    }

    private static X509Chain NewChain(X509Certificate2Collection sent)
    {
        X509Chain chain = new();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true; // no host decides what this one fetches from where
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        return chain;
    }

    private static void Release(X509Chain chain)
    {
        foreach (X509ChainElement element in chain.ChainElements)
            element.Certificate.Dispose();
    }
}

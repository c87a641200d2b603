namespace FullStack.Smtp.Client;

/// <summary>What came of TLS with a host, or of finding out what it has to be.</summary>
/// <remarks>RFC 8460 §4.3; the words that reports have for them are <c>TlsReportJson</c>'s.</remarks>
public enum TlsResult
{
    /// <summary>There was TLS as the policy wants it.</summary>
    Success,
    StartTlsNotSupported,
    CertificateHostMismatch,
    CertificateExpired,
    CertificateNotTrusted,

    /// <summary>Anything that has no word of its own.</summary>
    ValidationFailure,

    /// <summary>There are TLSA records, and none of them says anything that can be used.</summary>
    TlsaInvalid,

    /// <summary>DNS gave no answer about TLSA records that can be believed.</summary>
    DnssecInvalid,

    /// <summary>The route asks for TLSA records, and there are none.</summary>
    DaneRequired,
    StsPolicyFetchError,
    StsPolicyInvalid,

    /// <summary>The web server of the policy is not who it should be.</summary>
    StsWebPkiInvalid,
}

/// <summary>What a domain is to be told of.</summary>
/// <param name="Result">What came of it.</param>
/// <param name="Reason">In words; empty where there is nothing to add.</param>
public readonly record struct TlsFinding(TlsResult Result, string Reason);

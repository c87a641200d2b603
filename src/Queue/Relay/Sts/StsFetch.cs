namespace FullStack.Queue.Relay.Sts;

/// <summary>What a web server gave for a policy.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="MediaType">Without parameters; empty where there is none.</param>
/// <param name="Body">As much as a policy may have, and one octet more where there is more.</param>
public sealed record StsDocument(int Status, string MediaType, ReadOnlyMemory<byte> Body);

/// <summary>Fetches a document by HTTPS, without following redirections.</summary>
/// <exception cref="HttpRequestException">The host cannot be reached, or is not who it should be.</exception>
/// <exception cref="IOException">The connection broke.</exception>
public delegate ValueTask<StsDocument> StsFetch(Uri uri, CancellationToken ct);

namespace FullStack.Auth.Backends;

/// <summary>Since when an account and its domain have had the owners that they have now.</summary>
/// <param name="User">Null: not known.</param>
/// <param name="Domain">Null: for as long as anybody asks.</param>
public sealed record DirectoryOwnership(DateTimeOffset? User, DateTimeOffset? Domain);

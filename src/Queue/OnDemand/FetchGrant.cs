namespace FullStack.Queue.OnDemand;

/// <summary>An account that may fetch the mail for a domain.</summary>
/// <param name="Account">The account's address, lower case.</param>
/// <param name="Domain">The domain, lower case. Its mail is taken from everybody, and waits for whoever fetches it.</param>
public sealed record FetchGrant(string Account, string Domain);

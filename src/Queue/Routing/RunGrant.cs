using System.Net;

namespace FullStack.Queue.Routing;

/// <summary>A network whose hosts may have the mail for a domain sent.</summary>
/// <param name="Network">The network.</param>
/// <param name="Domain">The domain, lower case, with all below it.</param>
public sealed record RunGrant(IPNetwork Network, string Domain);

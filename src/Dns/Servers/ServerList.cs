using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Dns.Servers;

/// <summary>Which servers are asked, how long and how often.</summary>
internal sealed record ServerChoice(IReadOnlyList<NameServer> Servers, TimeSpan Timeout, int Attempts)
{
    /// <summary>Those that answered the last time first, each part in the order of the configuration.</summary>
    public IEnumerable<NameServer> InOrder(TimeProvider time) => Servers.OrderBy(server => server.IsResting(time));
}

/// <summary>The servers of the options, or those of <c>/etc/resolv.conf</c>, which is read again when it changes.</summary>
internal sealed class ServerList(DnsOptions options, string resolvConf, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_defaultTimeout = TimeSpan.FromSeconds(5);
    private const int DefaultAttempts = 2;

    /// <summary>How long it is not looked whether the file has changed.</summary>
    private static readonly TimeSpan s_unchecked = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private ServerChoice? _choice;
    private (DateTime Written, long Octets) _mark;
    private long _checked;

    public ServerChoice Current
    {
        get
        {
            lock (_gate)
            {
                if (_choice is not null && (options.Servers.Count > 0 || time.GetElapsedTime(_checked) < s_unchecked))
                    return _choice;
                _checked = time.GetTimestamp();
                if (options.Servers.Count > 0)
                    return _choice = Choose([.. options.Servers.Select(ServerAddress.Parse)], null, null, trusts: false);
                (DateTime, long) mark = MarkOf(resolvConf);
                if (_choice is not null && mark == _mark)
                    return _choice;
                _mark = mark;
                ResolvConf file = ResolvConf.Load(resolvConf);
                DnsLog.ServersRead(logger, resolvConf, string.Join(' ', file.Servers));
                return _choice = Choose(file.Servers, file.Timeout, file.Attempts, file.TrustsSecure);
            }
        }
    }

    private ServerChoice Choose(IReadOnlyList<IPEndPoint> servers, TimeSpan? timeout, int? attempts, bool trusts) => new(
        [.. servers.Select(server => new NameServer(server, IsTrusted(server.Address, trusts)))],
        options.Timeout > TimeSpan.Zero ? options.Timeout : timeout ?? s_defaultTimeout,
        options.Attempts > 0 ? options.Attempts : attempts ?? DefaultAttempts);

    private bool IsTrusted(IPAddress server, bool trusts) => options.SecureServers switch
    {
        SecureServers.All => true,
        SecureServers.Loopback => trusts || IPAddress.IsLoopback(server),
        _ => false,
    };

    private static (DateTime, long) MarkOf(string file)
    {
        try
        {
            // Opened, for it often is a link, whose own time never changes.
            using SafeFileHandle handle = File.OpenHandle(file);
            return (File.GetLastWriteTimeUtc(handle), RandomAccess.GetLength(handle));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}

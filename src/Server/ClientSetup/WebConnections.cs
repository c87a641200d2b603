using System.Net;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.ClientSetup;

/// <summary>Lets connections for HTTP in by the limits that hold for mail. They are counted apart from those: who floods one does not close the other.</summary>
/// <param name="limiter">Counts them.</param>
/// <param name="limits">How many there may be now.</param>
/// <param name="logger">Where those that are refused are told of.</param>
internal sealed class WebConnections(ConnectionLimiter limiter, Func<ConnectionLimits> limits, ILogger logger)
{
    /// <summary>Serves a connection, or closes it at once.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote)
            return; // it was reset before it was accepted
        if (limiter.TryAcquire(remote.Address, limits()) is { } reason)
        {
            HostLog.Refused(logger, connection.ConnectionId, remote, reason);
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            limiter.Release(remote.Address);
        }
    }
}

using System.Collections.Concurrent;
using System.DirectoryServices.Protocols;
using System.Net;

namespace FullStack.Auth.Backends.Ldap;

/// <summary>Connections to the first of some servers that is up, each bound as this server when it is made, and kept between questions. Its members block.</summary>
internal sealed class LdapServers(LdapOptions options) : IDisposable
{
    /// <summary>Result codes (RFC 4511 §4.1.9, and libldap's own for what happened on the way) after which another connection or server is tried.</summary>
    private static readonly HashSet<int> s_lost = [51, 52, 80, 81, 85, 91];

    private readonly ConcurrentBag<LdapConnection> _idle = [];
    private int _preferred;
    private volatile bool _disposed;

    /// <summary>Asks something. Where the connection turns out to be dead it is asked again on a new one.</summary>
    /// <exception cref="LdapException">No server can be asked, or one refuses.</exception>
    /// <exception cref="DirectoryOperationException">The server answers with an error.</exception>
    public T Use<T>(Func<LdapConnection, T> question)
    {
        if (_idle.TryTake(out LdapConnection? kept))
        {
            try
            {
                return Ask(kept, question);
            }
            catch (LdapException e) when (s_lost.Contains(e.ErrorCode))
            {
                // It went away while it was idle.
            }
        }

        return Ask(Connect(), question);
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out LdapConnection? connection))
            connection.Dispose();
    }

    private T Ask<T>(LdapConnection connection, Func<LdapConnection, T> question)
    {
        bool isGood = true;
        try
        {
            return question(connection);
        }
        catch (LdapException e)
        {
            isGood = !s_lost.Contains(e.ErrorCode);
            throw;
        }
        finally
        {
            if (isGood && !_disposed && _idle.Count < options.Connections)
                _idle.Add(connection);
            else
                connection.Dispose();
        }
    }

    private LdapConnection Connect()
    {
        int first = Volatile.Read(ref _preferred);
        for (int i = 0; ; i++)
        {
            int at = (first + i) % options.Servers.Count;
            try
            {
                LdapConnection connection = Connect(options.Servers[at]);
                Volatile.Write(ref _preferred, at);
                return connection;
            }
            catch (LdapException e) when (s_lost.Contains(e.ErrorCode) && i + 1 < options.Servers.Count)
            {
                // The next one.
            }
        }
    }

    private LdapConnection Connect(Uri server)
    {
        bool isTls = server.Scheme == "ldaps";
        LdapConnection connection = new(new LdapDirectoryIdentifier(server.Host, server.Port > 0 ? server.Port : isTls ? 636 : 389))
        {
            AuthType = AuthType.Basic,
            AutoBind = false,
            Timeout = options.Timeout,
        };
        try
        {
            connection.SessionOptions.ProtocolVersion = 3;
            connection.SessionOptions.ReferralChasing = ReferralChasingOptions.None; // a password goes to the servers that were named, and nowhere else
            if (options.CertificateFolder is { } folder)
            {
                connection.SessionOptions.TrustedCertificatesDirectory = folder;
                connection.SessionOptions.StartNewTlsSessionContext();
            }

            if (isTls)
                connection.SessionOptions.SecureSocketLayer = true;
            else if (options.StartTls)
                StartTls(connection);
            Bind(connection, options.BindName, options.BindPassword); // until then nobody knows whether the server is there
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The library connects with the first question, and can start TLS only then: so one is asked that tells nothing of ours.</summary>
    private static void StartTls(LdapConnection connection)
    {
        try
        {
            connection.SendRequest(new SearchRequest("", "(objectClass=*)", SearchScope.Base, "1.1"));
        }
        catch (DirectoryOperationException)
        {
            // A server may refuse to answer before TLS; it is connected all the same.
        }

        connection.SessionOptions.StartTransportLayerSecurity(null);
    }

    /// <exception cref="LdapException">The server refuses, or cannot be asked.</exception>
    public static void Bind(LdapConnection connection, string name, string password)
    {
        if (name.Length == 0)
        {
            connection.AuthType = AuthType.Anonymous;
            connection.Bind();
        }
        else
        {
            connection.Bind(new NetworkCredential(name, password));
        }
    }
}

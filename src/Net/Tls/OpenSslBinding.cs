using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace FullStack.Net.Tls;

/// <summary>The channel bindings that only the TLS library can tell: tls-exporter and tls-unique.</summary>
/// <remarks>
/// RFC 9266 and RFC 5929 §3. .NET has no interface for either, so this asks the OpenSSL connection below an <see cref="SslStream"/>, which is found by the name of a
/// private field. Where that field or its type is another one, or another OpenSSL is loaded than is expected, there are no such bindings, and nothing else changes:
/// <see cref="IsAvailable"/> tells. No other file knows of this.
/// </remarks>
internal sealed class OpenSslBinding
{
    private const string HandleField = "_securityContext";
    private const string HandleType = "Microsoft.Win32.SafeHandles.SafeSslHandle";
    private const int ExporterOctets = 32;
    private const int MaxFinishedOctets = 64;
    private const int SslCtrlGetExtmsSupport = 122;

    private static readonly byte[] s_label = "EXPORTER-Channel-Binding"u8.ToArray();
    private static readonly OpenSslBinding? s_instance = Load();

    private readonly FieldInfo _field;
    private readonly ExportKeyingMaterial _export;
    private readonly GetFinished _finished;
    private readonly GetFinished _peerFinished;
    private readonly IsSessionReused _isReused;
    private readonly Control _control;

    private OpenSslBinding(FieldInfo field, nint library)
    {
        _field = field;
        _export = Find<ExportKeyingMaterial>(library, "SSL_export_keying_material");
        _finished = Find<GetFinished>(library, "SSL_get_finished");
        _peerFinished = Find<GetFinished>(library, "SSL_get_peer_finished");
        _isReused = Find<IsSessionReused>(library, "SSL_session_reused");
        _control = Find<Control>(library, "SSL_ctrl");
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int ExportKeyingMaterial(nint ssl, byte[] output, nuint outputOctets, byte[] label, nuint labelOctets, byte[] context, nuint contextOctets, int useContext);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nuint GetFinished(nint ssl, byte[] output, nuint outputOctets);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int IsSessionReused(nint ssl);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint Control(nint ssl, int command, nint larg, nint parg);

    /// <summary>Whether this runtime lets the connection below an <see cref="SslStream"/> be found.</summary>
    public static bool IsAvailable => s_instance is not null;

    /// <summary>tls-exporter: keying material that nothing but this connection has.</summary>
    /// <remarks>RFC 9266 §2: 32 octets, an empty context. Only of TLS 1.3, where no other condition has to hold (§4.2).</remarks>
    /// <returns>Empty where there is none.</returns>
    public static ReadOnlyMemory<byte> ExporterOf(SslStream stream)
        => stream.SslProtocol == SslProtocols.Tls13 && s_instance is { } library ? library.Ask(stream, library.Export) : default;

    /// <summary>tls-unique: the first Finished message of the connection's last handshake.</summary>
    /// <remarks>RFC 5929 §3.1: the client's, but where a session was resumed, the server's. Not of TLS 1.3 (RFC 8446 App. C.5), nor without the extended master secret (RFC 7627 §6).</remarks>
    /// <returns>Empty where there is none.</returns>
    public static ReadOnlyMemory<byte> UniqueOf(SslStream stream)
        => stream.SslProtocol == SslProtocols.Tls12 && s_instance is { } library ? library.Ask(stream, ssl => library.FirstFinished(ssl, stream.IsServer)) : default;

    private static OpenSslBinding? Load()
    {
        FieldInfo? field = typeof(SslStream).GetField(HandleField, BindingFlags.NonPublic | BindingFlags.Instance);
        if (field is null || !typeof(SafeHandle).IsAssignableFrom(field.FieldType) || OpenSslVersion() is not { } version)
            return null;
        // The runtime has it loaded under this name; loading it again gives the same.
        return (version >> 28) == 3 && NativeLibrary.TryLoad("libssl.so.3", out nint library) ? TryBind(field, library) : null;
    }

    private static OpenSslBinding? TryBind(FieldInfo field, nint library)
    {
        try
        {
            return new(field, library);
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static long? OpenSslVersion()
    {
        try
        {
            return SafeEvpPKeyHandle.OpenSslVersion;
        }
        catch (Exception e) when (e is PlatformNotSupportedException or TypeInitializationException or DllNotFoundException)
        {
            return null;
        }
    }

    private static TFunction Find<TFunction>(nint library, string name)
        where TFunction : Delegate
        => Marshal.GetDelegateForFunctionPointer<TFunction>(NativeLibrary.GetExport(library, name));

    private byte[] Ask(SslStream stream, Func<nint, byte[]> question)
    {
        if (_field.GetValue(stream) is not SafeHandle handle || handle.GetType().FullName != HandleType || handle.IsInvalid)
            return [];
        bool isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            return question(handle.DangerousGetHandle());
        }
        finally
        {
            if (isHeld)
                handle.DangerousRelease();
        }
    }

    private byte[] Export(nint ssl)
    {
        byte[] material = new byte[ExporterOctets];
        return _export(ssl, material, ExporterOctets, s_label, (nuint)s_label.Length, [], 0, 1) == 1 ? material : [];
    }

    private byte[] FirstFinished(nint ssl, bool isServer)
    {
        if (_control(ssl, SslCtrlGetExtmsSupport, 0, 0) != 1)
            return [];
        byte[] message = new byte[MaxFinishedOctets];
        bool isOwn = isServer == (_isReused(ssl) != 0);
        nuint octets = isOwn ? _finished(ssl, message, MaxFinishedOctets) : _peerFinished(ssl, message, MaxFinishedOctets);
        return octets is > 0 and <= MaxFinishedOctets ? message[..(int)octets] : [];
    }
}

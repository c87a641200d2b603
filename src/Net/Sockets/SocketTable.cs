namespace FullStack.Net.Sockets;

/// <summary>The sockets that are watched, each under a number that no later one gets: a report that was on its way while its socket was closed finds nothing.</summary>
/// <remarks>One caller at a time changes it; <see cref="Find"/> may be called at any time.</remarks>
internal sealed class SocketTable
{
    private const int PlaceBits = 32;

    private readonly Stack<int> _free = new();
    private SocketTransport?[] _places = new SocketTransport?[16];
    private int _used;
    private uint _generation;

    public void Add(SocketTransport socket)
    {
        if (!_free.TryPop(out int place))
            place = _used++;
        SocketTransport?[] places = _places;
        if (place == places.Length)
            Array.Resize(ref places, 2 * place);
        socket.Key = ((long)(++_generation & int.MaxValue) << PlaceBits) | (uint)place;
        places[place] = socket;
        Volatile.Write(ref _places, places);
    }

    public void Remove(SocketTransport socket)
    {
        int place = (int)socket.Key;
        _places[place] = null;
        _free.Push(place);
    }

    public SocketTransport? Find(long key)
    {
        SocketTransport?[] places = Volatile.Read(ref _places);
        int place = (int)key;
        return place >= 0 && place < places.Length && places[place] is { } socket && socket.Key == key ? socket : null;
    }
}

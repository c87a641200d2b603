namespace FullStack.Store.Search;

/// <summary>The numbers that a search in progress has found. Several threads add.</summary>
/// <param name="onlyFirst">Whether just the one that comes first counts.</param>
/// <param name="falling">Whether numbers are looked at from the last to the first.</param>
internal sealed class Findings(bool onlyFirst, bool falling)
{
    private readonly Lock _gate = new();
    private readonly List<int> _numbers = [];
    private volatile int _first;

    /// <summary>Why a message could not be looked into.</summary>
    public StoreError Error { get; private set; }

    /// <summary>Whether one was found that makes this number needless to look at.</summary>
    public bool IsNeedless(int number) => onlyFirst && _first != 0 && (falling ? number < _first : number > _first);

    public void Add(int number)
    {
        lock (_gate)
        {
            if (IsNeedless(number))
                return;
            if (onlyFirst)
                _numbers.Clear();
            _numbers.Add(number);
            _first = number;
        }
    }

    public void Fail(StoreError error)
    {
        lock (_gate)
            Error = error;
    }

    /// <summary>What was found, rising.</summary>
    public IReadOnlyList<int> Sorted()
    {
        lock (_gate)
        {
            _numbers.Sort();
            return _numbers;
        }
    }
}

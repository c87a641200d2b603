namespace FullStack.Store;

/// <summary>What can go wrong in the store without being anybody's bug.</summary>
public enum StoreError
{
    /// <summary>No error.</summary>
    None,
    NotFound,

    /// <summary>A message is not there any more: somebody expunged it.</summary>
    Gone,
    AlreadyExists,
    ReadOnly,

    /// <summary>The account may store no more: a permanent refusal.</summary>
    OverQuota,

    /// <summary>Somebody else holds what needs to be held alone (a maildrop).</summary>
    InUse,
    TooBig,

    /// <summary>The name is not one the store can keep.</summary>
    BadName,

    /// <summary>INBOX, or another mailbox that the operation does not apply to.</summary>
    NotPermitted,

    /// <summary>Who asks has not the right to do that: an access list says so.</summary>
    Denied,

    /// <summary>The disk is full: try again later.</summary>
    NoSpace,

    /// <summary>The disk is failing, or the mailbox cannot be read now: try again later.</summary>
    Unavailable,
}

/// <summary>A value, or the reason why there is none.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, StoreFailure failure) => (_value, Failure) = (value, failure);

    /// <summary>The error, with its reason for the log.</summary>
    public StoreFailure Failure { get; }

    public StoreError Error => Failure.Error;
    public bool Ok => Error == StoreError.None;

    /// <exception cref="InvalidOperationException">There is an error instead.</exception>
    public T Value => Ok ? _value! : throw new InvalidOperationException($"no value: {Failure}");

    public static implicit operator Result<T>(T value) => new(value, default(StoreFailure));
    public static implicit operator Result<T>(StoreError error) => new(default, new StoreFailure(error, null));
    public static implicit operator Result<T>(StoreFailure failure) => new(default, failure);
}

/// <summary>The value of an operation that gives nothing back.</summary>
public readonly record struct Nothing;

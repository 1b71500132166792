/// Composes a key from bits.
///
/// A constructor names its bits. It writes the value of each bit for a request into one JSON object and digests that object.
/// The same constructor produces the key of a cached response and its entity tag.
///
/// ```swift
/// extension KeyConstructor {
///     static let city: KeyConstructor = [
///         "unique_method_id": .uniqueMethodID, "format": .format, "language": .language,
///     ]
///     static let cityHead = city.adding(["user": .user, "geo": .headers(["x-geoip-city"])])
/// }
/// let country = KeyConstructor.cityHead.overriding(["geo": ["x-geoip-country"]]).memoizedForRequest()
/// ```
///
/// The JSON equals that of drf-extensions (Python's `json.dumps(data, sort_keys=True)`), and the digest is MD5. A
/// constructor with the same bits under the same names therefore produces the same keys.
///
/// A constructor is a value. Creating or changing one sorts and encodes the names, which takes O(n log n) in the number of
/// bits and is more expensive than using it.
public struct KeyConstructor: Sendable {
    /// The bits by name, in code-point order of the names.
    var bits: [NamedBit] { storage.bits }

    /// The names of the bits, in code-point order.
    public var names: [String] { bits.map(\.name) }

    /// Whether a key is computed once per request; nil leaves the decision to the pipeline.
    public let isMemoizedForRequest: Bool?

    /// The inputs that the bits read together.
    public var inputs: ExchangeInputs { storage.inputs }

    /// The requests that the bits together separate.
    public var separates: RequestSeparation { storage.separates }

    /// The immutable bits. Their identity is the owner of the key in the memo of a request.
    let storage: Storage

    init(storage: Storage, isMemoizedForRequest: Bool?) {
        self.storage = storage
        self.isMemoizedForRequest = isMemoizedForRequest
    }

    init(bits: [NamedBit], isMemoizedForRequest: Bool? = nil) {
        self.init(storage: Storage(bits: bits), isMemoizedForRequest: isMemoizedForRequest)
    }

    /// Creates a constructor from bits that are known only at run time. The last bit of a repeated name is used.
    public init(_ bits: some Sequence<(name: String, bit: Bit)>) {
        self.init(bits: bits.map { NamedBit(name: $0.name, bit: $0.bit) })
    }

    /// Creates a constructor without bits. Its key is the digest of `{}`.
    public init() {
        self.init(bits: [])
    }

    /// The bit with this name, or nil. Setting nil removes the bit.
    public subscript(name: String) -> Bit? {
        get { bits.first { $0.matches(name) }?.bit }
        set {
            var bits = bits.filter { !$0.matches(name) }
            if let newValue { bits.append(NamedBit(name: name, bit: newValue)) }
            self = KeyConstructor(bits: bits, isMemoizedForRequest: isMemoizedForRequest)
        }
    }

    /// The bit with this name if it has this type, or nil. Setting nil removes the bit.
    public subscript<SomeBit: KeyBit>(name: String) -> SomeBit? {
        get { self[name]?.synchronous as? SomeBit }
        set { self[name] = newValue.map { Bit($0) } as Bit? }
    }

    /// The asynchronous bit with this name if it has this type, or nil. Setting nil removes the bit.
    public subscript<SomeBit: AsyncKeyBit>(name: String) -> SomeBit? {
        get { self[name]?.asynchronous as? SomeBit }
        set { self[name] = newValue.map { Bit($0) } as Bit? }
    }

    /// Returns a constructor with additional bits. A bit replaces an existing bit of the same name, as in a subclass of a
    /// drf-extensions constructor.
    public func adding(_ other: KeyConstructor) -> KeyConstructor {
        let kept = bits.filter { bit in !other.bits.contains { $0.matches(bit.name) } }
        return KeyConstructor(bits: kept + other.bits, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// Returns a constructor without the named bits. Unknown names are ignored.
    public func removing(_ names: String...) -> KeyConstructor {
        let kept = bits.filter { bit in !names.contains { bit.matches($0) } }
        return KeyConstructor(bits: kept, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// Returns a constructor whose named bits have other parameters.
    ///
    /// Empty parameters replace the previous ones too. A name without a bit, and parameters that the bit cannot use (see
    /// ``KeyParameters``), are programming errors and stop the program, also in release builds. drf-extensions ignores both.
    ///
    /// - Parameter parameters: The parameters by bit name.
    /// - Returns: A constructor with the same names.
    public func overriding(_ parameters: [String: KeyParameters]) -> KeyConstructor {
        for name in parameters.keys where self[name] as Bit? == nil {
            fatalError("the key constructor has no bit '\(name)'; it has \(names)")
        }
        let bits = bits.map { bit in
            guard let replaced = parameters.first(where: { bit.matches($0.key) }) else { return bit }
            return NamedBit(name: bit.name, bit: bit.bit.overriding(replaced.value))
        }
        return KeyConstructor(bits: bits, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// Returns the same constructor, which computes its key once per request while the exchange does not change.
    ///
    /// Two middleware that share the constructor evaluate each bit once. Copies of one constructor share the key;
    /// constructors that were created separately do not. The key is discarded after a handler of an unsafe method has run.
    ///
    /// - Parameter isMemoized: Whether the key is memoized; nil leaves the decision to the pipeline, which memoizes by
    ///   default.
    /// - Returns: A constructor with the same bits.
    public func memoizedForRequest(_ isMemoized: Bool? = true) -> KeyConstructor {
        KeyConstructor(storage: storage, isMemoizedForRequest: isMemoized)
    }
}

extension KeyConstructor: Hashable {
    /// Returns whether both have the same bits under the same names and the same memoization.
    ///
    /// Bits that are `Hashable` are compared by content. Other bits are equal only to themselves.
    public static func == (left: KeyConstructor, right: KeyConstructor) -> Bool {
        left.isMemoizedForRequest == right.isMemoizedForRequest
            && (left.storage === right.storage || left.bits.elementsEqual(right.bits))
    }

    /// Hashes the names and the bits.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isMemoizedForRequest)
        for bit in bits { bit.hash(into: &hasher) }
    }
}

extension KeyConstructor: ExpressibleByDictionaryLiteral {
    /// Creates a constructor from names and bits. A repeated name stops the program.
    public init(dictionaryLiteral elements: (String, Bit)...) {
        self.init(bits: elements.map { NamedBit(name: $0, bit: $1) })
        if bits.count != elements.count { fatalError("a bit's name is repeated in \(elements.map(\.0))") }
    }
}

/// Composes a key out of bits.
///
/// A constructor names its bits. For a request it takes the value of each, writes them as one JSON object and digests
/// that. The same constructor makes the key of a cached answer and its entity tag.
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
/// The JSON is the one drf-extensions makes (Python's `json.dumps(data, sort_keys=True)`) and the digest is MD5, so that
/// a constructor with the same bits under the same names gives the same keys.
///
/// A constructor is a value. Names are sorted and encoded when it is made, which makes changing one dearer, O(n log n) in
/// the number of bits, than using it.
public struct KeyConstructor: Sendable {
    /// The bits by name, in code-point order of the names.
    var bits: [NamedBit] { storage.bits }

    /// The names of the bits, in code-point order.
    public var names: [String] { bits.map(\.name) }

    /// Whether a request's key is computed once and kept for the rest of the request; nil leaves that to the pipeline.
    public let isMemoizedForRequest: Bool?

    /// The inputs that the bits read together.
    public var inputs: ExchangeInputs { storage.inputs }

    /// The requests that the bits together separate.
    public var separates: RequestSeparation { storage.separates }

    /// What never changes; its identity is the constructor's in a request's memo.
    let storage: Storage

    init(storage: Storage, isMemoizedForRequest: Bool?) {
        self.storage = storage
        self.isMemoizedForRequest = isMemoizedForRequest
    }

    init(bits: [NamedBit], isMemoizedForRequest: Bool? = nil) {
        self.init(storage: Storage(bits: bits), isMemoizedForRequest: isMemoizedForRequest)
    }

    /// Creates a constructor of bits that are known only when the program runs. Of a name that stands twice the last bit
    /// counts.
    public init(_ bits: some Sequence<(name: String, bit: Bit)>) {
        self.init(bits: bits.map { NamedBit(name: $0.name, bit: $0.bit) })
    }

    /// Creates a constructor without bits. Its key is the digest of `{}`.
    public init() {
        self.init(bits: [])
    }

    /// The bit called `name`, or nil. Setting nil removes the bit.
    public subscript(name: String) -> Bit? {
        get { bits.first { $0.matches(name) }?.bit }
        set {
            var bits = bits.filter { !$0.matches(name) }
            if let newValue { bits.append(NamedBit(name: name, bit: newValue)) }
            self = KeyConstructor(bits: bits, isMemoizedForRequest: isMemoizedForRequest)
        }
    }

    /// The bit called `name` when it is of this type, or nil. Setting nil removes the bit.
    public subscript<SomeBit: KeyBit>(name: String) -> SomeBit? {
        get { self[name]?.synchronous as? SomeBit }
        set { self[name] = newValue.map { Bit($0) } as Bit? }
    }

    /// The bit called `name` when it is of this type, or nil. Setting nil removes the bit.
    public subscript<SomeBit: AsyncKeyBit>(name: String) -> SomeBit? {
        get { self[name]?.asynchronous as? SomeBit }
        set { self[name] = newValue.map { Bit($0) } as Bit? }
    }

    /// A constructor with more bits. A bit of a name that exists already takes its place, as in a subclass of the
    /// original's constructors.
    public func adding(_ other: KeyConstructor) -> KeyConstructor {
        let kept = bits.filter { bit in !other.bits.contains { $0.matches(bit.name) } }
        return KeyConstructor(bits: kept + other.bits, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// A constructor without the named bits. Names that it does not have are ignored.
    public func removing(_ names: String...) -> KeyConstructor {
        let kept = bits.filter { bit in !names.contains { bit.matches($0) } }
        return KeyConstructor(bits: kept, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// A constructor whose named bits have other parameters.
    ///
    /// A name that is present decides, also with empty parameters. A name without a bit is a mistake and stops the program, in
    /// release builds too, and so do parameters that the bit cannot use; see ``KeyParameters``. drf-extensions ignores both.
    ///
    /// - Parameter parameters: The parameters by the names of bits.
    /// - Returns: A constructor of the same bits.
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

    /// The same constructor, which computes its key once per request, as long as nobody changes the exchange.
    ///
    /// Two middleware that share the result evaluate each bit once; copies of one constructor share it, separately made
    /// ones do not. The key is forgotten when a handler of an unsafe method has run.
    ///
    /// - Parameter isMemoized: Whether it does; nil leaves that to the pipeline, whose default is not to.
    /// - Returns: A constructor of the same bits.
    public func memoizedForRequest(_ isMemoized: Bool? = true) -> KeyConstructor {
        KeyConstructor(storage: storage, isMemoizedForRequest: isMemoized)
    }
}

extension KeyConstructor: Hashable {
    /// Whether both have the same bits under the same names and are memoized alike.
    ///
    /// Bits that are `Hashable` are compared by their content, all others are equal only to themselves.
    public static func == (left: KeyConstructor, right: KeyConstructor) -> Bool {
        left.isMemoizedForRequest == right.isMemoizedForRequest
            && (left.storage === right.storage || left.bits.elementsEqual(right.bits))
    }

    /// Hashes names and bits.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isMemoizedForRequest)
        for bit in bits { bit.hash(into: &hasher) }
    }
}

extension KeyConstructor: ExpressibleByDictionaryLiteral {
    /// Creates a constructor from names and bits. A name must not stand twice.
    public init(dictionaryLiteral elements: (String, Bit)...) {
        self.init(bits: elements.map { NamedBit(name: $0, bit: $1) })
        if bits.count != elements.count { fatalError("a bit's name stands twice in \(elements.map(\.0))") }
    }
}

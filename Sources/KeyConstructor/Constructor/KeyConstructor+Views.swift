extension KeyConstructor {
    /// The same constructor with the view in place of the view and method, so that all methods of a view have one key.
    package var separatingViewsOnly: KeyConstructor {
        guard bits.contains(where: { $0.bit == .uniqueMethodID }) else { return self }
        let bits = bits.map { $0.bit == .uniqueMethodID ? NamedBit(name: $0.name, bit: .uniqueViewID) : $0 }
        return KeyConstructor(bits: bits, isMemoizedForRequest: isMemoizedForRequest)
    }
}

/// The path parameters from a router: positional (`args`) and named (`kwargs`).
public struct PathParameters: Sendable, Hashable {
    /// A named parameter.
    public struct Parameter: Sendable, Hashable {
        /// The name in the path template.
        public var name: String
        /// The converted value; a string from routers without converters.
        public var value: ParameterValue

        /// Creates a parameter from a name and a value.
        public init(_ name: String, _ value: ParameterValue) {
            self.name = name
            self.value = value
        }
    }

    /// The positional parameters in path order.
    public var positional: [ParameterValue]

    /// The named parameters, sorted by name in code-point order, so that the order in which a router lists them is irrelevant.
    public private(set) var named: [Parameter]

    /// Creates path parameters from a router's result.
    ///
    /// - Parameters:
    ///   - positional: The positional parameters.
    ///   - named: The named parameters. The last value of a repeated name is used.
    public init(positional: [ParameterValue] = [], named: [Parameter] = []) {
        self.positional = positional
        self.named = named
        guard named.count > 1 else { return }
        // The sort is stable: the last value of a repeated name stays last.
        let sorted = named.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.named = []
        for parameter in sorted {
            if let last = self.named.last, last.name.utf8.elementsEqual(parameter.name.utf8) {
                self.named.removeLast()
            }
            self.named.append(parameter)
        }
    }

    /// Whether there are no parameters.
    public var isEmpty: Bool { positional.isEmpty && named.isEmpty }

    /// The value of a named parameter, or nil. O(number of parameters).
    public subscript(name: String) -> ParameterValue? {
        named.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}

/// The fields of a file's rows, and what is accepted.
struct CSVFormat: Sendable {
    let fields: FieldSet
    let options: CSVRowReader.Options
    let members: [RowMember]

    init(_ fields: FieldSet, options: CSVRowReader.Options) {
        self.fields = fields
        self.options = options
        members = RowMember.members(
            of: fields, isPartial: options.isPartial, readsKey: options.readsKey, suppliedFields: options.suppliedFields
        )
    }
}

extension ServiceLevelObjective {
    /// The length of the slices of event time in which this objective is counted, in nanoseconds.
    ///
    /// A minute for occurrences; the time slice itself for the two methods that judge time slices, because nothing
    /// about one is known before it is over. Slices are counted from the epoch.
    public var sliceNanoseconds: Int64 { method.sliceNanoseconds }
}

extension BudgetingMethod {
    public static let occurrencesSliceNanoseconds: Int64 = 60_000_000_000

    public var sliceNanoseconds: Int64 {
        switch self {
        case .occurrences: BudgetingMethod.occurrencesSliceNanoseconds
        case .timeslices(_, let window), .ratioTimeslices(let window): window
        }
    }

    /// OpenSLO's name of the method.
    public var name: String {
        switch self {
        case .occurrences: "Occurrences"
        case .timeslices: "Timeslices"
        case .ratioTimeslices: "RatioTimeslices"
        }
    }
}

"""Sources of grid intensity, and the order in which they are asked."""

from backend.adapters.intensity.electricity_maps import ElectricityMaps
from backend.adapters.intensity.hourly_files import HourlyFiles
from backend.adapters.intensity.preferred import PreferredIntensities
from backend.adapters.intensity.source import Source
from backend.adapters.intensity.yearly_factors import YearlyFactors

__all__ = ["ElectricityMaps", "HourlyFiles", "PreferredIntensities", "Source", "YearlyFactors"]
